<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:import href="../parts/history.xsl"/>
<xsl:include href="../parts/posture.xsl"/>
<xsl:include href="../parts/secret.xsl"/>
<xsl:include href="../parts/secret-form.xsl"/>
<xsl:include href="../parts/secret-list.xsl"/>
<xsl:include href="../parts/providers.xsl"/>
<xsl:include href="../parts/api-keys.xsl"/>
<xsl:include href="../parts/sessions.xsl"/>
<xsl:template match="page" mode="content">
<h1>Security settings</h1>
<xsl:apply-templates select="security/posture"/>
<xsl:apply-templates select="security/form"/>
<xsl:apply-templates select="security/secrets"/>
<xsl:apply-templates select="security/providers"/>
<xsl:apply-templates select="security/rotation-form"/>
<xsl:apply-templates select="security/api-keys"/>
<xsl:apply-templates select="security/sessions"/>
<xsl:apply-templates select="security/history"/>
</xsl:template>

<xsl:template match="history" mode="heading">Recent history</xsl:template>
<!-- What is older is on the audit's page, which has filters. -->
<xsl:template match="history" mode="pager"><a id="settings-security-audit" href="/settings/security/audit">The whole audit</a></xsl:template>
</xsl:stylesheet>
