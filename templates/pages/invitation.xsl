<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/new-password.xsl"/>
<xsl:template match="page" mode="content"><div class="narrow"><xsl:apply-templates select="invitation"/></div></xsl:template>

<xsl:template match="invitation">
<h1>You are invited</h1>
<p class="lead"><xsl:value-of select="@invited-by"/> invites <strong id="invitation-email"><xsl:value-of select="@email"/></strong> as <span id="invitation-role"><xsl:value-of select="@role"/></span>. Choose a password; you sign in with it and this address.</p>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">invitation</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<!-- No action: the form goes to the address of this page, which has the token. -->
<form id="invitation-form" class="panel" method="post">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:call-template name="new-password"><xsl:with-param name="name">invitation</xsl:with-param><xsl:with-param name="prefix">invitation</xsl:with-param></xsl:call-template>
<p><button type="submit">Make my account</button></p>
<p class="fine">The link works once, until <time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time>.</p>
</form>
</xsl:template>
</xsl:stylesheet>
