<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content"><div class="column"><xsl:apply-templates select="recovery-codes"/></div></xsl:template>

<xsl:template match="recovery-codes">
<h1>The second factor is on</h1>
<div class="panel notice" role="status">
<h2>Keep these recovery codes now</h2>
<p>Each opens one sign-in if the device is lost. This page is the only place that ever shows them; Strongroom keeps hashes.</p>
<ul class="codes" id="account-recovery-code-list"><xsl:apply-templates select="code"/></ul>
</div>
<p>Your other sessions have ended.</p>
<p><a class="button" href="/settings/account">I have kept them</a></p>
</xsl:template>

<xsl:template match="code"><li><code><xsl:value-of select="@once"/></code></li></xsl:template>
</xsl:stylesheet>
